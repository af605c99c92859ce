// Server-sent events by fetch: unlike an EventSource it says why it was refused, and gives up a connection that fell silent.

import { ask, refusal } from "./rest.js";

const SILENT = 40000; // the server says something every 15 s

// The data of its events, one after the other; null where there is nothing more to come.
export async function events(path, controller) {
  const response = await ask(path, { signal: controller.signal });
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? null : read(response.body, controller);
}

async function* read(body, controller) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for await (const block of blocks(reader, controller)) {
    const data = block.split("\n").filter((line) => line.startsWith("data: "));
    if (data.length) yield JSON.parse(data.map((line) => line.slice(6)).join("\n"));
  }
}

async function* blocks(reader, controller) {
  let rest = "";
  for (;;) {
    const timer = setTimeout(() => controller.abort(), SILENT);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    yield* parts;
  }
}
