"""What a visitor, or a program, is told when an answer can't be taken."""

from http import HTTPStatus

from libs.service.language import say
from libs.service.problems import Problem
from services.feedback.usecases.answering import (
    AlreadyAnswered,
    AnswerRefused,
    NotAsked,
    ResponseTaken,
)

BAD_LINK = Problem(
    HTTPStatus.NOT_FOUND,
    "bad_link",
    say("This link is not one of ours."),
    say("Scan the code on your ticket again, or type the whole address."),
    "token",
)
EXPIRED = Problem(
    HTTPStatus.GONE,
    "expired",
    say("The time to rate this visit is over."),
    say("You may rate your next visit, or call the Justice hotline 1111 and press 77."),
    "token",
)
BAD_STAMP = Problem(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_stamp",
    say("This page was not made for this visit."),
    say("Open the link on your ticket again."),
    "stamp",
)
SLOW_DOWN = Problem(
    HTTPStatus.TOO_MANY_REQUESTS,
    "slow_down",
    say("Too many answers were sent at once."),
    say("Wait a minute and send again."),
)
NOT_ASKED = Problem(
    HTTPStatus.CONFLICT,
    "not_asked",
    say("This visit can't be rated: it has not ended, or nobody was served."),
    say("If your visit has just ended, try again in a moment."),
    "token",
)
ALREADY_ANSWERED = Problem(
    HTTPStatus.CONFLICT,
    "already_answered",
    say("This visit has been rated already. Thank you."),
    say("There is nothing more to do."),
    "token",
)
RESPONSE_TAKEN = Problem(
    HTTPStatus.CONFLICT,
    "response_taken",
    say("This answer's number belongs to another visit."),
    say("Open the link on your ticket again."),
    "response",
)
OTHER_COUNTER = Problem(
    HTTPStatus.CONFLICT,
    "other_counter",
    say("This visit was not served at this counter."),
    say("Rate it by the link on the ticket."),
    "token",
)

_PROBLEMS: dict[type[AnswerRefused], Problem] = {
    NotAsked: NOT_ASKED,
    AlreadyAnswered: ALREADY_ANSWERED,
    ResponseTaken: RESPONSE_TAKEN,
}


def problem_of(refusal: AnswerRefused) -> Problem:
    """How the edge puts a refusal of the use case."""
    return _PROBLEMS[type(refusal)]
