// Drawing, at most once a frame of the screen, whatever comes in between; where no one looks, once a second.

const UNSEEN = 1000;

const dirty = new Set();
let after = () => {};
let frame = 0;
let timer = 0;

export function afterPaint(listener) {
  after = listener;
}

export function paint(view) {
  dirty.add(view);
  if (frame) return;
  frame = requestAnimationFrame(draw);
  timer = setTimeout(draw, UNSEEN); // a tab in the background gets no frames
}

function draw() {
  cancelAnimationFrame(frame);
  clearTimeout(timer);
  frame = 0;
  const views = [...dirty];
  dirty.clear();
  for (const view of views) view.draw();
  after();
}
