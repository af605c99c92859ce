// Drawing, at most once a frame of the screen, whatever comes in between.

const dirty = new Set();
let after = () => {};
let isScheduled = false;

export function afterPaint(listener) {
  after = listener;
}

export function paint(view) {
  dirty.add(view);
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    const views = [...dirty];
    dirty.clear();
    for (const one of views) one.draw();
    after();
  });
}
