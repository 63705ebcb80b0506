"""Forms as a browser without scripts sees them: read from a page, filled in, sent."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

TYPED = {
    "text",
    "search",
    "email",
    "password",
    "number",
    "date",
    "time",
    "tel",
    "url",
    "textarea",
    "hidden",
    "select",
}
"""What a person, or who pretends to be one, can write anything into."""


@dataclass
class Control:
    """One control: its kind, and what stands in it (None: an unticked box, which is not sent)."""

    kind: str
    value: str | None = None


@dataclass
class Form:
    """One form: where it goes, its controls by name."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)
    button: tuple[str, str] | None = None

    def values(self) -> dict[str, str]:
        """What a browser would send if nothing was typed."""
        found = {name: one.value for name, one in self.controls.items() if one.value is not None}
        if self.button:
            found.setdefault(*self.button)
        return found

    def typed(self) -> list[str]:
        """The names of the controls that anything can be written into."""
        return [name for name, one in self.controls.items() if one.kind in TYPED and name != "csrf_token"]


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[Form] = []
        self.inside: Form | None = None
        self.text: Control | None = None
        self.select: Control | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = Form(given.get("action") or self.path, (given.get("method") or "get").lower())
            self.forms.append(self.inside)
        elif self.inside is not None and given.get("name"):
            self._control(tag, given, str(given["name"]))
        elif tag == "option" and self.select is not None:
            self._option(given)

    def _control(self, tag: str, given: dict[str, str | None], name: str) -> None:
        assert self.inside is not None
        kind = (given.get("type") or "text").lower() if tag == "input" else tag
        if tag == "button":
            self.inside.button = self.inside.button or (name, given.get("value") or "")
        elif tag == "textarea":
            self.text = self.inside.controls[name] = Control("textarea", "")
        elif tag == "select":
            self.select = self.inside.controls[name] = Control("select")
        elif kind in ("checkbox", "radio"):
            if "checked" in given or name not in self.inside.controls:
                self.inside.controls[name] = Control(
                    kind, given.get("value") or "on" if "checked" in given else None
                )
        elif tag == "input":
            self.inside.controls[name] = Control(kind, given.get("value") or "")

    def _option(self, given: dict[str, str | None]) -> None:
        assert self.select is not None
        if self.select.value is None or "selected" in given:
            self.select.value = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.text is not None:
            self.text.value = (self.text.value or "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "textarea":
            if self.text is not None and (self.text.value or "").startswith("\n"):
                self.text.value = (self.text.value or "")[1:]
            self.text = None
        elif tag == "select":
            self.select = None


def forms_of(page: str, path: str) -> list[Form]:
    """All forms of a page; `path` is where one without an address of its own goes."""
    reader = _Reader(path)
    reader.feed(page)
    return reader.forms
