"""The job: a question in, an answer out."""

from tools.builtin.sql.child import postgres, sqlite
from tools.builtin.sql.child.protocol import MOST_SECONDS, Answer, Failed, Question, encode, questions

SECONDS = MOST_SECONDS


def answer(message: bytes) -> bytes:
    """Answer one question."""
    return encode(_answer_to(questions.decode(message)))


def _answer_to(question: Question) -> Answer:
    try:
        if question.kind == "sqlite":
            return sqlite.query(question) if question.query else sqlite.describe(question)
        return postgres.query(question) if question.query else postgres.describe(question)
    except Failed as failed:
        return failed.problem
