"""Pages: templates in two languages, one style sheet, Sarabun, and nothing from elsewhere."""

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import fontpkg_sarabun
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException

from libs.events.codes import Language
from libs.service import formats
from libs.service.language import COOKIE, Catalogue, Text, language_of

HERE = Path(__file__).parent
FONTS = Path(fontpkg_sarabun.ROOT) / "files"
WEIGHTS = ("Regular", "SemiBold", "Bold")
LONGEST_PHRASE = 26
"""Characters kept on one line; at body size they fit into 360 px."""
A_YEAR = 365 * 24 * 60 * 60
FORMATS = (
    formats.full_date,
    formats.long_date,
    formats.short_date,
    formats.month_name,
    formats.clock_time,
    formats.clock_seconds,
    formats.date_and_time,
    formats.duration,
    formats.wait_range,
)
"""Offered to templates as filters, in the page's language."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file kept in memory; ``version`` changes with its content."""

    content: bytes
    media_type: str
    version: str


class Pages:
    """The templates and static files of one service, over those that all services share."""

    def __init__(self, folders: Sequence[Path], common: Mapping[str, object]) -> None:
        """``folders`` hold ``templates/``, ``static/`` and ``locale/th.po``, any of them absent;
        the first wins. ``common`` is known to every template."""
        folders = [*folders, HERE]
        locales = [folder / "locale" for folder in reversed(folders)]
        self.catalogue = Catalogue([one for one in locales if (one / Catalogue.FILE).exists()])
        self._common = common
        self._files = _static_files(folders)
        templates = [folder / "templates" for folder in folders]
        self._environments = {one: self._environment(one, templates) for one in Language}

    def render(
        self,
        request: Request,
        template: str,
        values: Mapping[str, object] | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """The page in the request's language; ``?lang=`` is remembered in a cookie."""
        language = language_of(request)
        page = self._environments[language].get_template(template)
        html = page.render(
            {
                **self._common,
                "path": request.url.path,
                "switch": partial(_switch, request),
                **(values or {}),
            }
        )
        response = HTMLResponse(html, status, headers={"Content-Language": language.value})
        if "lang" in request.query_params:
            response.set_cookie(COOKIE, language.value, A_YEAR, samesite="lax", httponly=True)
        return response

    def address(self, name: str) -> str:
        """The address of a static file, which changes with its content."""
        return f"/static/{name}?v={self._files[name].version}"

    def routes(self) -> APIRouter:
        """``/static/…``: kept for a year by browsers, since a new content has a new address."""
        router = APIRouter(include_in_schema=False)

        @router.get("/static/{name:path}")
        async def static(request: Request, name: str) -> Response:  # pyright: ignore[reportUnusedFunction]
            file = self._files.get(name)
            if file is None:
                raise HTTPException(404)
            current = request.query_params.get("v") == file.version
            age = f"public, max-age={A_YEAR}, immutable" if current else "no-cache"
            return Response(
                file.content, media_type=file.media_type, headers={"Cache-Control": age}
            )

        return router

    def _environment(self, language: Language, templates: Sequence[Path]) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(templates),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # The extension adds this method when it is loaded, which no type can say.
        install: Any = getattr(environment, "install_gettext_translations")  # noqa: B009
        install(self.catalogue.translations(language), newstyle=True)
        for name in FORMATS:
            environment.filters[name.__name__] = partial(_in(language), name)
        environment.filters["number"] = formats.number

        def text(said: Text) -> str:
            return self.catalogue.text(said, language)

        environment.filters["text"] = text
        environment.filters["phrases"] = phrases
        known: dict[str, Any] = environment.globals
        known |= {
            "language": language.value,
            "other": _other(language).value,
            "static": self.address,
        }
        return environment


def phrases(text: str) -> Markup:
    """``text`` that breaks between its phrases only: Thai has no spaces between words, and a
    line that ends inside one reads badly. Phrases too long for a narrow screen may still break."""
    return Markup(" ").join(
        Markup('<span class="nowrap">{}</span>').format(phrase)
        if len(phrase) <= LONGEST_PHRASE
        else phrase
        for phrase in text.split()
    )


def _in(language: Language) -> Any:
    """A caller of formats, whose last argument is the language."""

    def call(form: Any, *values: Any) -> str:
        return form(*values, language)

    return call


def _other(language: Language) -> Language:
    return Language.ENGLISH if language is Language.THAI else Language.THAI


def _switch(request: Request, language: str) -> str:
    """The address of this page in another language."""
    query = {**request.query_params, "lang": language}
    return f"{request.url.path}?{urlencode(query)}"


def _static_files(folders: Sequence[Path]) -> dict[str, StaticFile]:
    found: dict[str, Path] = {
        f"sarabun-{w.lower()}.ttf": FONTS / f"Sarabun-{w}.ttf" for w in WEIGHTS
    }
    for folder in reversed(folders):
        found |= {path.name: path for path in sorted((folder / "static").glob("*.*"))}
    return {name: _kept(path) for name, path in found.items()}


def _kept(path: Path) -> StaticFile:
    content = path.read_bytes()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(content, media_type, hashlib.sha256(content).hexdigest()[:12])
