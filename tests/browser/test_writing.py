"""Writing: text is sent as it was meant, waits in one place with one reason, and is given back where it cannot be taken."""

import json
import re

from playwright.sync_api import Page, WebSocketRoute, expect

from accounts.models import Group, User
from tests.browser.steps import CHAT, ask, until_done


def one_answer_at_a_time(person: User) -> None:
    group = Group.objects.create(tenant=person.tenant, name="One at a time", parallel_answers=1)
    group.people.add(person)


def test_a_second_chat_waits_with_one_reason_and_new_chat_is_a_new_one(page: Page, alice: User) -> None:
    one_answer_at_a_time(alice)
    page.goto("/")
    ask(page, "First. [[tokens=2000 rate=20]]")
    expect(page.locator(".answer p").first).to_be_visible()
    first = page.url
    page.get_by_role("link", name="New chat").click()
    ask(page, "Second. [[tokens=5]]")
    waiting = page.locator(".bubble.waiting")
    expect(waiting).to_contain_text("Sends when your other answer is done and this chat is open")
    expect(page).to_have_url(CHAT)
    expect(page.locator(".refusal:visible")).to_have_count(0)
    second = page.url
    page.get_by_role("link", name="New chat").click()
    expect(page.get_by_role("heading", name=re.compile("Good"))).to_be_visible()
    expect(page.locator(".bubble")).to_have_count(0)
    page.get_by_role("link", name=re.compile("Second")).click()
    expect(page).to_have_url(second)
    expect(waiting).to_contain_text("Second")
    other = page.context.new_page()
    other.goto(first)
    other.get_by_role("button", name="Stop the answer").click()
    until_done(page)
    expect(page.locator(".bubble")).to_have_text(re.compile("Second"))


def test_half_a_character_is_replaced_before_it_is_sent(page: Page) -> None:
    page.goto("/")
    page.get_by_role("textbox", name="Message").focus()
    page.evaluate("document.execCommand('insertText', false, 'Half \\ud83d of one. [[tokens=3]]')")
    page.keyboard.press("Enter")
    until_done(page)
    expect(page.locator(".bubble")).to_have_text(re.compile("Half \ufffd of one"))
    page.reload()
    expect(page.locator(".bubble")).to_have_text(re.compile("Half \ufffd of one"))


def test_an_error_that_belongs_to_no_request_gives_the_text_back_and_the_next_is_sent(page: Page) -> None:
    refused: list[str] = []

    def connect(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def passed(message: str | bytes) -> None:
            if json.loads(message)["action"] == "chat" and not refused:
                refused.append(str(message))
                error = {"code": "bad_request", "message": "The frame is not JSON.", "retryable": False}
                route.send(json.dumps({"request_id": None, "status": "error", "error": error}))
            else:
                server.send(message)

        route.on_message(passed)

    page.route_web_socket(re.compile("/ws/chat"), connect)
    page.goto("/")
    ask(page, "Try me. [[tokens=3]]")
    expect(page.locator(".refusal:visible")).to_contain_text("The frame is not JSON.")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Try me. [[tokens=3]]")
    expect(page.locator(".bubble")).to_have_count(0)
    page.keyboard.press("Enter")
    until_done(page)


def test_a_message_that_nobody_can_see_is_empty(page: Page) -> None:
    page.goto("/")
    ask(page, "\u200b")
    expect(page.locator(".refusal:visible")).to_contain_text("The message is empty")
    ask(page, "\u200b\n\u2800\nSeen. [[tokens=3]]")
    until_done(page)
    expect(page.locator("#chat-title")).to_have_text(re.compile("Seen"))


def test_every_text_has_the_direction_of_its_words(page: Page) -> None:
    page.goto("/")
    arabic = "مرحبا بالعالم"
    ask(page, f"{arabic} [[text='# {arabic}\n\n- {arabic}\n- Latin\n\n> {arabic}\n\nLatin' rate=0]]")
    answer = until_done(page)
    direction = "part => getComputedStyle(part).direction"
    for selector in (".bubble", "#chat-title", ".prose h3", ".prose li:first-child", ".prose ul", ".prose blockquote"):
        assert page.locator(selector).first.evaluate(direction) == "rtl", selector
    assert answer.locator("li").last.evaluate(direction) == "ltr"
    assert answer.locator(".prose > p").evaluate(direction) == "ltr"
    field = page.get_by_role("textbox", name="Message")
    field.fill(arabic)
    assert field.evaluate(direction) == "rtl"


MEANT = """| a | b |
|---|---|
| `x|y` | one<br>two |
| 1 | 2 | 3 |

- [x] done

这是**「重点」**内容。 \\(a_1\\) README.md

```markdown
```python
x
```
```

The end, on one line
and on the next,
which are one paragraph.
"""


def test_what_streams_never_shows_what_it_will_not_be_and_ends_as_it_is_after_a_reload(page: Page) -> None:
    page.goto("/")
    page.evaluate("""() => {
        window.odd = [];
        const look = () => {
            const words = [...document.querySelectorAll(".prose > p")].map((part) => part.innerText.trim());
            odd.push(...words.filter((one) => one.includes("\\n")));
            for (const row of document.querySelectorAll(".prose tbody tr")) if (row.cells.length !== 2) odd.push(row.innerHTML);
            const cell = document.querySelector(".prose td");
            if (cell && /\\|./.test(cell.textContent) && !/x\\|y?/.test(cell.textContent)) odd.push(cell.innerHTML);
            requestAnimationFrame(look);
        };
        look();
    }""")
    ask(page, f"[[text='{MEANT}' rate=20]]")
    answer = until_done(page)
    assert page.evaluate("odd") == []
    expect(answer.get_by_role("checkbox")).to_be_checked()
    expect(answer.locator("td br")).to_have_count(1)
    expect(answer.locator(".code")).to_have_count(1)
    streamed = answer.locator(".prose").inner_html()
    page.reload()
    assert answer.locator(".prose").inner_html() == streamed
