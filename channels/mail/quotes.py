"""Parts what somebody wrote this time from quoted history and signatures, line by line.

Everything cut off is kept for folding. One pass over the lines: the patterns look at one line
(or three joined ones) of bounded length, so a hostile text costs no more than an honest one.
"""

import re
from typing import Final

_LINE_CHARS: Final = 400
_CLOSING_LINES_MAX: Final = 8
_WROTE = re.compile(
    r"(?:^|\s)(?:wrote|writes|schrieb|a écrit|escribió|ha scritto|napisał\(?a?\)?"
    r"|пише|пишет|напис(?:ав|ала|али|ал)(?:\(л?а\)|/л?а)?|пис(?:ав|ала|ал)(?:\(а\))?"
    r"|повідомляє|сообщает|сообщил(?:а|\(а\))?)(?:\s+(?:в|у|at|о)\s[^:]{1,40})?\s*:\s*$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^[-_=*\s]{3,60}\s*(?:Original Message|Original Appointment|Forwarded [Mm]essage"
    r"|Reply message|Begin forwarded message|Исходное сообщение|Пересланное сообщение"
    r"|Пересылаемое сообщение|Оригинальное сообщение|Вихідне повідомлення"
    r"|Оригінальне повідомлення|Переслане повідомлення|Пересланий лист"
    r"|Ursprüngliche Nachricht|Message d'origine)\s*:?\s*[-_=*\s]{0,60}$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^[*\s]{0,4}(?:From|Від|От|Від кого|От кого|Von|De|Od)\s?:[*\s]{0,4}\S", re.IGNORECASE
)
_FIELD = re.compile(
    r"^[*\s]{0,4}(?:Sent|Date|To|Cc|Subject|Reply-To|Надіслано|Відправлено|Дата|Кому|Копія|Тема"
    r"|Отправлено|Копия|Gesendet|An|Betreff|Envoyé|À|Objet|Wysłano|Do|Temat)\s?:",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^(?:-- ?|—|__{1,3}|--\u00a0)$")
_SENT_FROM = re.compile(
    r"^(?:Sent (?:from|via|with) |Get Outlook for |Надіслано (?:з|із|за допомогою) "
    r"|Відправлено (?:з|із) |Отправлено (?:с|из|при помощи) |Von meinem |Gesendet von )",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^(?:(?:best|kind|warm|kindest|many thanks and best)\s+regards|regards|best wishes|sincerely"
    r"|yours (?:sincerely|faithfully|truly)|cheers|with best regards"
    r"|з (?:найкращими |щирою |глибокою )?(?:повагою|побажаннями)|щиро ваш[аі]?|з найкращими"
    r"|с (?:наилучшими |глубоким )?(?:уважением|пожеланиями)|искренне ваш[аи]?"
    r"|mit freundlichen grüßen|viele grüße)\s*[,.!]?(?:\s+[^.?!]{1,60})?$",
    re.IGNORECASE,
)


def split(text: str) -> tuple[str, str]:
    """Return what is new and what is quoted or signature; nothing is lost between them.

    When nothing new would be left (a bare forward, an answer written beneath marks we cannot
    tell) the whole text counts as new.
    """
    lines = text.split("\n")
    start = _history(lines)
    new, old = lines[:start], lines[start:]
    answer = _beneath(old)
    if answer is not None:
        if any(line.strip() for line in new):
            # Answers stand between the quotations: they make no sense without them.
            new, old = _without_tail(lines)
        else:
            new, old = old[answer:], old[:answer]
    sign = _signature(new)
    kept, signature = new[:sign], new[sign:]
    if not any(line.strip() for line in kept):
        return text.strip(), ""
    return _joined(kept), "\n\n".join(part for part in (_joined(signature), _joined(old)) if part)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _history(lines: list[str]) -> int:
    """Return the line at which the quoted history begins."""
    for number, line in enumerate(lines):
        short = line[:_LINE_CHARS].strip()
        if short and _starts_history(lines, number, short):
            return number
    return len(lines)


def _starts_history(lines: list[str], number: int, line: str) -> bool:
    if line[0] == ">":
        return True
    if line[0] in "-_=*" and _SEPARATOR.match(line):
        return True
    if _FROM.match(line) and _fields(lines, number + 1) >= 2:
        return True
    if line.endswith(":"):
        return _attributes(line)
    return _begins_attribution(line) and _attributes(_three(lines, number))


def _fields(lines: list[str], number: int) -> int:
    following = [line for line in lines[number : number + 8] if line.strip()][:4]
    return sum(1 for line in following if _FIELD.match(line[:_LINE_CHARS]))


def _begins_attribution(line: str) -> bool:
    """A long attribution is wrapped by mail programs; it begins with a date or "On"."""
    return line[:3] in {"On ", "Am ", "Le ", "El "} or bool(re.match(r"\w{2,12}[,.]? \d", line))


def _three(lines: list[str], number: int) -> str:
    """Join up to three lines, ending at the first that closes with a colon."""
    joined = ""
    for line in lines[number : number + 3]:
        part = line[:_LINE_CHARS].strip()
        if not part or part[0] == ">":
            break
        joined = f"{joined} {part}"
        if part.endswith(":"):
            break
    return joined.strip()[: _LINE_CHARS * 2]


def _attributes(line: str) -> bool:
    if not line.endswith(":"):
        return False
    marked = any(sign.isdigit() for sign in line) or "@" in line or line.startswith(("On ", "Am "))
    return marked and bool(_WROTE.search(line[-120:]) or _is_dated_address(line))


def _is_dated_address(line: str) -> bool:
    """Gmail and mail.ru in Russian give a date and an address but no verb."""
    date, _, address = line.removesuffix(":").rstrip().rpartition("<")
    return address.endswith(">") and "@" in address and any(sign.isdigit() for sign in date)


def _beneath(old: list[str]) -> int | None:
    """Return where an answer begins that was written beneath or between marked quotations."""
    marked = [number for number, line in enumerate(old) if line.lstrip().startswith(">")]
    if not marked or marked[0] > 4:
        return None  # nothing is marked: all that follows belongs to the history
    for number in range(marked[0], len(old)):
        line = old[number].strip()
        if line and line[0] != ">":
            if _SIGNATURE.match(line) or _starts_history(old, number, line[:_LINE_CHARS]):
                return None
            return number
    return None


def _without_tail(lines: list[str]) -> tuple[list[str], list[str]]:
    """Fold only the quotation that nothing follows."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    return lines[:end], lines[end:]


def _signature(lines: list[str]) -> int:
    """Return the line at which the signature begins."""
    filled = sum(1 for line in lines if line.strip())
    seen = 0
    for number, line in enumerate(lines):
        short = line[:_LINE_CHARS].strip()
        if not short:
            continue
        seen += 1
        if seen == 1:
            continue  # something must stand before a signature
        left = filled - seen
        if _SIGNATURE.match(short) and left <= 40:
            return number
        if left <= _CLOSING_LINES_MAX and (_CLOSING.match(short) or _SENT_FROM.match(short)):
            return number
    return len(lines)
