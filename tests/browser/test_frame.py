"""The frame around a chat: the model menu by keys, the wheel wherever one points, and settings that are not lost in silence."""

from playwright.sync_api import Dialog, Page, expect

from tests.browser.steps import ask, until_done

TOP = "document.querySelector('[data-thread], .main-scroll').scrollTop"


def test_the_model_menu_is_filtered_and_chosen_by_keys(page: Page) -> None:
    page.goto("/")
    button = page.locator(".model-button")
    for keys, chosen in (
        (["ArrowDown", "Enter"], "Stand-in large"),  # what is found first
        (["ArrowDown", "ArrowUp", "ArrowDown", "Space", "Enter"], "Stand-in large"),
    ):
        button.click()
        page.get_by_role("searchbox").fill("large")
        expect(page.locator(".model-picker label.menu-item:visible")).to_have_count(1)
        for key in keys:
            page.keyboard.press(key)
        expect(button).to_have_text(chosen)
        expect(page.get_by_role("textbox", name="Message")).to_be_focused()
        page.reload()
        expect(button).to_have_text("Stand-in")
    button.click()
    page.get_by_role("searchbox").fill("no such model")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No model has that in its name.")).to_be_visible()
    page.get_by_role("searchbox").fill("in")
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(button).to_have_text("Stand-in large")


def test_the_wheel_scrolls_the_page_wherever_one_points(page: Page) -> None:
    page.goto("/")
    ask(page, "Long. [[tokens=900 rate=0]]")
    until_done(page)
    for place in (".composer textarea", ".composer-bar", ".topbar"):
        page.locator(place).first.hover()
        before = page.evaluate(TOP)
        page.mouse.wheel(0, -200)
        page.wait_for_function(f"before => {TOP} < before", arg=before)
    expect(page.get_by_role("button", name="Newest")).to_be_visible()
    field = page.get_by_role("textbox", name="Message")
    field.fill("line\n" * 60)  # longer than its field: it takes the wheel itself
    before = page.evaluate(TOP)
    field.hover()
    page.mouse.wheel(0, -60)
    page.wait_for_function("() => document.querySelector('#message').scrollTop > 0")
    assert page.evaluate(TOP) == before


def answered(page: Page) -> list[str]:
    """The questions that the browser asks before a page is left; the answer is to stay."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    return asked


def test_settings_that_are_not_saved_say_so_and_are_not_left_in_silence(page: Page) -> None:
    page.goto("/settings")
    asked = answered(page)
    field = page.get_by_role("textbox", name="Instructions")
    field.click()
    page.keyboard.type("Be brief.")
    expect(page.locator("#instructions .unsaved")).to_have_text("Not saved yet")
    page.get_by_role("navigation").get_by_role("link", name="New chat").click()
    page.wait_for_function("() => document.querySelector('textarea').value === 'Be brief.'")
    assert asked == ["beforeunload"]
    page.keyboard.press("Control+a")
    field.fill("")
    expect(page.locator("#instructions .unsaved")).to_be_hidden()
    page.get_by_role("navigation").get_by_role("link", name="New chat").click()
    expect(page).not_to_have_url("/settings")
    assert asked == ["beforeunload"]


def test_saving_one_form_keeps_what_stands_in_the_others(page: Page) -> None:
    page.goto("/settings")
    asked = answered(page)
    page.get_by_text("New token").click()
    form = page.locator(".new-token")
    form.get_by_label("Name", exact=True).fill("Half a token")
    form.get_by_label("Read your chats").check()
    page.get_by_role("textbox", name="Instructions").click()
    page.keyboard.type("Be brief.")
    page.get_by_label("Name").first.fill("Alice Berger")
    page.locator("#profile").get_by_role("button", name="Save").click()
    expect(page.locator(".account")).to_contain_text("Alice Berger")
    expect(page.get_by_role("textbox", name="Instructions")).to_have_value("Be brief.")
    expect(form.get_by_label("Name", exact=True)).to_have_value("Half a token")
    expect(form.get_by_label("Read your chats")).to_be_checked()
    expect(page.locator(".unsaved:visible")).to_have_count(2)
    page.locator("#instructions").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("#instructions .unsaved")).to_be_hidden()
    assert asked == []
