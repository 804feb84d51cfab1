"""What each refusal says to a person: what happened and where, and how to mend it.

The values in braces are those of :attr:`services.ticketing.errors.Refused.where`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from libs.events.codes import Language
from services.ticketing.errors import Refused


@dataclass(frozen=True, slots=True)
class Words:
    """One refusal in one language."""

    what: str
    mend: str


STATES_TH: Mapping[str, str] = MappingProxyType(
    {
        "waiting": "กำลังรอ",
        "called": "ถูกเรียกแล้ว",
        "serving": "กำลังรับบริการ",
        "ended": "สิ้นสุดแล้ว",
    }
)

TH: Mapping[str, Words] = MappingProxyType(
    {
        "unknown_visit": Words("ไม่พบบัตรคิวนี้ในวันทำการปัจจุบัน", "โหลดหน้าใหม่ แล้วเลือกจากรายการคิวของวันนี้"),
        "unknown_day": Words("วันทำการ {day} ไม่เคยเปิดที่สำนักงานนี้", "ตรวจวันที่ แล้วเลือกจากรายการวันทำการ"),
        "service_not_offered": Words(
            "สำนักงาน {site} ไม่ได้ให้บริการ {service}",
            "เลือกบริการอื่นที่สำนักงานนี้ให้ หรือแก้รายการบริการในมาตรฐาน (sites.yaml)",
        ),
        "unknown_counter": Words(
            "ไม่มีช่องบริการ {counter}: สำนักงานนี้มีช่อง 1 ถึง {counters}",
            "เลือกช่องบริการที่มี หรือแก้จำนวนช่องในมาตรฐาน (sites.yaml)",
        ),
        "appointment_mismatch": Words(
            "เวลานัดกับประเภทผู้รับบริการ ({visitor_class}) ไม่ตรงกัน",
            "ผู้ที่นัดไว้ต้องมีเวลานัด ผู้อื่นต้องไม่มี แก้แล้วส่งใหม่",
        ),
        "appointment_off_day": Words(
            "เวลานัด {appointment} ไม่ได้อยู่ในวันทำการที่เปิดอยู่ ({day})",
            "ใส่เวลานัดของวันนั้น และเขียนปีเป็น ค.ศ.",
        ),
        "outcome_not_given": Words(
            "ผล “{outcome}” ให้ได้เฉพาะตอนปิดวันทำการ",
            "เลือกผลอื่น: ให้บริการแล้ว ไม่มา ออกไปก่อน หรือยกเลิกบัตร",
        ),
        "no_open_day": Words("ยังไม่ได้เปิดวันทำการ", "ให้หัวหน้างานเปิดวันทำการก่อน แล้วทำใหม่"),
        "day_still_open": Words("วันทำการ {day} ยังเปิดอยู่", "ปิดวันทำการนั้นก่อน แล้วจึงเปิดวันใหม่"),
        "nothing_to_resolve": Words(
            "วันทำการ {day} ไม่มีรายการที่รอตรวจสอบ", "โหลดหน้าใหม่ อาจมีผู้ตรวจสอบแล้ว"
        ),
        "day_known": Words("วันทำการ {day} เคยเปิดแล้ว", "เปิดวันเดิมซ้ำไม่ได้ ตรวจวันที่ หรือใช้การแก้ไขบันทึก"),
        "day_closed": Words("วันทำการ {day} ปิดแล้ว", "หากบันทึกผิด ให้หัวหน้างานแก้ไขบันทึกพร้อมเหตุผล"),
        "day_not_reopened": Words(
            "เปิดวันทำการ {day} ต่อไม่ได้: เปิดต่อได้เฉพาะวันที่ปิดผิด และภายในวันนั้นเอง",
            "ตรวจวันที่ หากบันทึกผิด ให้ใช้การแก้ไขบันทึกพร้อมเหตุผล",
        ),
        "day_worked_live": Words(
            "วันทำการ {day} ทำงานในระบบนี้แล้ว จึงนำเข้าข้อมูลไม่ได้",
            "นำวันนี้ออกจากแฟ้มที่จะนำเข้า หรือตรวจวันที่",
        ),
        "import_under_way": Words(
            "การนำเข้าข้อมูลของสำนักงานนี้กำลังทำอยู่ หรือหยุดไปกลางคัน",
            "รอให้เสร็จ หรือนำเข้าแฟ้มเดิมอีกครั้ง รายการที่เข้าแล้วจะไม่ซ้ำ",
        ),
        "series_full": Words(
            "เลขคิวหมวด {series} ของวันที่ {day} ใช้ครบ 9999 แล้ว",
            "ออกบัตรของบริการที่ใช้หมวดอื่น และแจ้งผู้ดูแลระบบ",
        ),
        "wish_spent": Words(
            "บัตรคิวที่ออกให้คำขอนี้ไม่ได้รออยู่แล้ว หรือออกให้คำขออื่น", "ขอบัตรคิวใหม่ด้วยรหัสคำขอใหม่"
        ),
        "counter_not_open": Words("ช่องบริการ {counter} ยังไม่เปิด", "เปิดช่องบริการก่อน แล้วเรียกใหม่"),
        "counter_of_another": Words(
            "ช่องบริการ {counter} เจ้าหน้าที่อื่นเปิดอยู่", "ทำที่ช่องของท่าน หรือให้หัวหน้างานทำแทน"
        ),
        "counter_at_another_desk": Words(
            "ช่องบริการ {counter} เปิดด้วยชื่อผู้ใช้นี้จากเครื่องอื่น", "ย้ายช่องมาที่เครื่องนี้ก่อน หรือทำที่เครื่องนั้น"
        ),
        "clerk_has_counter": Words("ท่านเปิดช่องบริการ {counter} อยู่แล้ว", "ปิดช่องนั้นก่อน แล้วจึงเปิดช่องใหม่"),
        "counter_open_already": Words("ช่องบริการ {counter} เปิดอยู่แล้ว", "เลือกช่องอื่น หรือปิดช่องนี้ก่อน"),
        "counter_busy": Words(
            "ช่องบริการ {counter} ยังมีคิว {ticket}", "จบบริการหรือบันทึกว่าไม่มา ก่อนเรียกคิวต่อไป"
        ),
        "not_at_this_counter": Words("คิวนี้ไม่ได้อยู่ที่ช่องบริการ {counter}", "โหลดหน้าใหม่ เพื่อดูคิวที่อยู่ที่ช่องนี้"),
        "wrong_state": Words("ทำไม่ได้ เพราะคิวนี้{state}", "โหลดหน้าใหม่ เพื่อดูสถานะล่าสุด แล้วทำใหม่"),
        "calls_used_up": Words("เรียกคิวนี้ครบ {calls} ครั้งแล้ว", "บันทึกว่าไม่มา แล้วเรียกคิวต่อไป"),
        "not_ended": Words("คิวนี้ยังไม่สิ้นสุด จึงยังแก้ไขไม่ได้", "จบคิวก่อน แล้วจึงแก้ไขบันทึก"),
        "nothing_to_correct": Words("ข้อมูล {field} เป็นค่านี้อยู่แล้ว", "ตรวจค่าใหม่ หรือปิดหน้าแก้ไข"),
        "correction_impossible": Words(
            "แก้ {field} เป็นค่านี้ไม่ได้: คิวที่ให้บริการแล้วต้องถูกเรียก มีเวลาเริ่ม และเริ่มก่อนสิ้นสุด",
            "แก้เวลาเริ่มก่อน แล้วจึงแก้ผล หรือตรวจเวลาที่ใส่",
        ),
        "correction_out_of_reach": Words(
            "แก้ {field} เป็น {new} ไม่ได้: วันทำการ {day} ไม่มีอะไรเกิดขึ้นในเวลานั้น",
            "ใส่เวลาในวันนั้น หรือหลังเที่ยงคืนของวันนั้น",
        ),
    }
)

EN: Mapping[str, Words] = MappingProxyType(
    {
        "unknown_visit": Words(
            "This ticket is not one of the open service day.",
            "Load the page again and choose from today's queue.",
        ),
        "unknown_day": Words(
            "Service day {day} was never opened at this office.",
            "Check the date and choose from the list of service days.",
        ),
        "service_not_offered": Words(
            "Office {site} does not offer service {service}.",
            "Choose a service this office offers, or list it in the standards (sites.yaml).",
        ),
        "unknown_counter": Words(
            "There is no counter {counter}: this office has counters 1 to {counters}.",
            "Choose one of these, or mend the number of counters in the standards (sites.yaml).",
        ),
        "appointment_mismatch": Words(
            "The booked time and the visitor class ({visitor_class}) do not go together.",
            "Give a booked visitor a booked time, and nobody else; then send again.",
        ),
        "appointment_off_day": Words(
            "The booked time {appointment} is not on the open service day, {day}.",
            "Give a time on that day, with its year in the Common Era.",
        ),
        "outcome_not_given": Words(
            "Only the day's closing gives the outcome “{outcome}”.",
            "Choose another: served, no-show, left or removed.",
        ),
        "no_open_day": Words(
            "No service day is open.", "Have a supervisor open the day, then do it again."
        ),
        "day_still_open": Words(
            "Service day {day} is still open.", "Close that day first, then open the new one."
        ),
        "nothing_to_resolve": Words(
            "Nothing of the service day {day} waits to be looked into.",
            "Load the page again: somebody may have done it already.",
        ),
        "day_known": Words(
            "Service day {day} was opened before.",
            "A day opens once. Check the date; to mend a closed day, correct its visits.",
        ),
        "day_closed": Words(
            "Service day {day} is closed.",
            "If a record is wrong, a supervisor corrects the visit and gives a reason.",
        ),
        "day_not_reopened": Words(
            "Service day {day} can't be reopened: a day that was closed by mistake goes on only on "
            "its own date.",
            "Check the date; if a record is wrong, correct the visit and give a reason.",
        ),
        "day_worked_live": Words(
            "Service day {day} was worked in this system; nothing can be imported into it.",
            "Take the day out of the file, or check the date.",
        ),
        "import_under_way": Words(
            "An import of this site is under way, or was stopped half-way.",
            "Wait for it to end, or import the same file again: nothing is counted twice.",
        ),
        "series_full": Words(
            "All 9999 numbers of series {series} were given on {day}.",
            "Issue tickets of a service with another series, and tell the administrator.",
        ),
        "wish_spent": Words(
            "The ticket that this wish got no longer waits, or was issued for another request.",
            "Ask for a new ticket, with a new name for the wish.",
        ),
        "counter_not_open": Words(
            "Counter {counter} is not open.", "Open the counter, then call again."
        ),
        "counter_of_another": Words(
            "Counter {counter} was opened by somebody else.",
            "Work at your own counter, or ask a supervisor.",
        ),
        "counter_at_another_desk": Words(
            "This login opened counter {counter} at another desk.",
            "Take the counter over to this desk, or work at that one.",
        ),
        "clerk_has_counter": Words(
            "You have counter {counter} open already.",
            "Close that counter first, then open another.",
        ),
        "counter_open_already": Words(
            "Counter {counter} is open already.", "Choose another counter, or close this one first."
        ),
        "counter_busy": Words(
            "Counter {counter} still has ticket {ticket}.",
            "End the service or record a no-show before calling the next visitor.",
        ),
        "not_at_this_counter": Words(
            "This visitor is not at counter {counter}.",
            "Load the page again to see who is at the counter.",
        ),
        "wrong_state": Words(
            "This cannot be done: the visit is {state}.",
            "Load the page again to see where the visit stands, then do it again.",
        ),
        "calls_used_up": Words(
            "This visitor was called {calls} times.", "Record a no-show and call the next visitor."
        ),
        "not_ended": Words(
            "This visit has not ended, so that it cannot be corrected yet.",
            "End the visit first, then correct it.",
        ),
        "nothing_to_correct": Words(
            "The field {field} has this value already.", "Check the new value, or leave it."
        ),
        "correction_impossible": Words(
            "The field {field} cannot become so: a served visit was called, has a start, and began "
            "before it ended.",
            "Correct the start first and the outcome after it, or check the time you gave.",
        ),
        "correction_out_of_reach": Words(
            "The field {field} cannot become {new}: nothing of service day {day} happened then.",
            "Give a time on that day, or after its midnight.",
        ),
    }
)

BY_LANGUAGE: Mapping[Language, Mapping[str, Words]] = MappingProxyType(
    {Language.THAI: TH, Language.ENGLISH: EN}
)


def words_of(refused: Refused, language: Language) -> Words:
    """What ``refused`` says in ``language``, with its tickets, counters and days named."""
    where = dict(refused.where)
    if language is Language.THAI and "state" in where:
        where["state"] = STATES_TH[where["state"]]
    words = BY_LANGUAGE[language][refused.code]
    return Words(words.what.format(**where), words.mend.format(**where))
