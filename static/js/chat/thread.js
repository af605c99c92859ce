// The thread follows the newest words only while one is at its end; the first move upwards ends that.

import { afterPaint } from "./answer/painter.js";

const NEAR = 80;
const UPWARDS = ["ArrowUp", "PageUp", "Home"];

export class Thread {
  #part;
  #newest;
  #isFollowing = true;
  #touch = 0;
  #top = 0; // where the last scrolling ended

  constructor(part, newest) {
    this.#part = part;
    this.#newest = newest;
    part.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    part.addEventListener("wheel", (event) => event.deltaY < 0 && this.#leave(), { passive: true });
    part.addEventListener("keydown", (event) => UPWARDS.includes(event.key) && this.#leave());
    part.addEventListener("touchstart", (event) => (this.#touch = event.touches[0].clientY), { passive: true });
    part.addEventListener("touchmove", (event) => event.touches[0].clientY > this.#touch + 2 && this.#leave(), { passive: true });
    newest.addEventListener("click", () => this.toEnd());
    const sizes = new ResizeObserver(() => this.#painted());
    sizes.observe(part);
    sizes.observe(part.firstElementChild);
    afterPaint(() => this.#painted());
    this.#drop();
  }

  get #distance() {
    return this.#part.scrollHeight - this.#part.scrollTop - this.#part.clientHeight;
  }

  toEnd() {
    this.#isFollowing = true;
    this.#drop();
    this.#show();
  }

  // A new question stands at the top, and its answer has the room below.
  makeRoom(question, answer) {
    for (const earlier of this.#part.querySelectorAll(".answer")) earlier.style.minBlockSize = "";
    const column = getComputedStyle(answer.parentElement);
    const taken = question.offsetHeight + parseFloat(column.rowGap) + parseFloat(column.paddingBlockEnd) + 16;
    answer.style.minBlockSize = `${Math.max(0, this.#part.clientHeight - taken)}px`;
    this.toEnd();
  }

  #drop() {
    this.#part.scrollTop = this.#part.scrollHeight;
    this.#top = this.#part.scrollTop;
  }

  #leave() {
    if (this.#part.scrollTop > 0) this.#isFollowing = false;
    this.#show();
  }

  // Only a person's moves count, down to the end or up from it: events of own drops come late, when more words are there.
  #scrolled() {
    const moved = this.#part.scrollTop - this.#top;
    this.#top = this.#part.scrollTop;
    if (moved > 0 && this.#distance < 4) this.#isFollowing = true;
    else if (moved < 0 && this.#distance > NEAR) this.#isFollowing = false;
    this.#show();
  }

  #painted() {
    if (this.#isFollowing) this.#drop();
    else this.#show();
  }

  #show() {
    this.#newest.hidden = this.#distance <= NEAR;
  }
}
