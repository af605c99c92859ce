"""Titles and questions as models write them, made fit to be shown. Pure."""

import re
from itertools import filterfalse

from accounts.storage import texts

FIRST_WORDS = 60  # characters of a title that is made from the question
LONGEST_TITLE = 80
LONGEST_QUESTION = 120
MOST_QUESTIONS = 3
# Things that models put around a title: quotes, Markdown, a label.
AROUND = " \t\"'`*_#“”„«»‘’「」"
LABEL = re.compile(r"^(?:title|titel|titre|título|titolo)\s*:\s*", re.IGNORECASE)
BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.):])\s+")
REFUSAL = re.compile(r"^(?:i['’]m sorry|i am sorry|sorry|i can['’]?t|i cannot|as an ai|unfortunately)\b", re.IGNORECASE)


def first_words(text: str) -> str:
    """Return a conversation's first title: the first visible line of its first question, cut at a word."""
    line = " ".join(next(filterfalse(texts.is_blank, text.splitlines()), "").split())
    if len(line) <= FIRST_WORDS:
        return line
    words = line[:FIRST_WORDS].rpartition(" ")[0].rstrip(",;:") or line[:FIRST_WORDS]
    return f"{words}…"


def title(said: str) -> str:
    """Return the title that a model wrote; empty if the reply is not a title."""
    lines = [line.strip(AROUND) for line in said.splitlines()]
    line = next((line for line in lines if not texts.is_blank(line)), "")
    words = texts.plain_line(LABEL.sub("", line)).strip(AROUND).rstrip(".。:")
    return "" if len(words) > LONGEST_TITLE or REFUSAL.match(words) or texts.is_blank(words) else words


def questions(said: str) -> list[str]:
    """Return the questions that a model wrote, one per line, without lines that are not questions."""
    found: dict[str, None] = {}
    for line in said.splitlines():
        words = texts.plain_line(BULLET.sub("", line)).strip(AROUND)
        if words and len(words) <= LONGEST_QUESTION and words.endswith(("?", "？", "؟")) and not REFUSAL.match(words):
            found[words] = None
    return list(found)[:MOST_QUESTIONS]
