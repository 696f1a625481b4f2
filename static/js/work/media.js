// What an item shows: a video, a picture or a text; the one loaded ahead is fetched before it is wanted.

import { makeFrame } from "./frame.js";
import { tr } from "./words.js";

const USUAL_FRAME_SECONDS = 1 / 25;
const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
const READY_EVENTS = { video: "loadeddata", image: "load" };

// A video does not say how long its frames are; it is seen while it plays.
function watchFrames(element) {
  let last = null;
  const seen = (_, { mediaTime }) => {
    const length = last === null ? 0 : mediaTime - last;
    if (length > 0.001) element.frameSeconds = Math.min(length, element.frameSeconds ?? Infinity);
    last = mediaTime;
    element.requestVideoFrameCallback(seen);
  };
  element.requestVideoFrameCallback?.(seen);
}

function video(url) {
  const element = document.createElement("video");
  Object.assign(element, { src: url, loop: true, muted: true, playsInline: true, preload: "auto" });
  watchFrames(element);
  return element;
}

function image(url) {
  const element = document.createElement("img");
  // The answer form says what is asked; the picture itself has no words for anybody who cannot see it.
  Object.assign(element, { src: url, alt: tr("The picture of this item"), draggable: false });
  return element;
}

function text(words) {
  const element = document.createElement("div");
  element.className = "work-text";
  element.tabIndex = 0;
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", tr("The text of this item"));
  element.textContent = words;
  return element;
}

const MAKERS = { video: (media) => video(media.url), image: (media) => image(media.url), text: (media) => text(media.text) };
const isTimed = (element) => element instanceof HTMLVideoElement;

// `stage` is where media are shown, `tools` where their buttons are, `say` tells whoever works here what happened.
export function makeMedia({ stage, tools, say }) {
  const loaded = new Map();
  let current;
  let frame;
  let speed = SPEEDS.indexOf(1);

  function load(item) {
    if (!loaded.has(item.token)) loaded.set(item.token, MAKERS[item.media.kind](item.media));
    return loaded.get(item.token);
  }

  function keepOnly(...items) {
    const wanted = new Set(items.filter(Boolean).map((item) => item.token));
    for (const [token, element] of loaded) {
      if (wanted.has(token)) continue;
      if (isTimed(element)) element.removeAttribute("src");
      loaded.delete(token);
    }
  }

  function onError(item) {
    const note = document.createElement("p");
    note.className = "note stop";
    note.textContent = tr("This cannot be shown here: its address does not answer, or is not allowed. Return the item, and tell your supervisor.");
    stage.classList.remove("is-loading");
    stage.replaceChildren(note);
    say(tr("What belongs to this item cannot be shown."));
  }

  const setSpeed = (step) => {
    speed = Math.max(0, Math.min(SPEEDS.length - 1, speed + step));
    current.playbackRate = SPEEDS[speed];
    tools.querySelector("[data-speed]").textContent = `${SPEEDS[speed]}×`;
  };
  const stepFrame = (direction) => {
    current.pause();
    const step = direction * (current.frameSeconds ?? USUAL_FRAME_SECONDS);
    current.currentTime = Math.max(0, Math.min(current.duration || 0, current.currentTime + step));
  };
  const play = () => (current.paused ? current.play().catch(() => {}) : current.pause());
  const loop = () => {
    current.loop = !current.loop;
    tools.querySelector("[data-do=loop]").setAttribute("aria-pressed", String(current.loop));
    if (current.loop && current.ended) play();
  };
  const ACTIONS = {
    play: () => isTimed(current) && play(),
    slower: () => isTimed(current) && setSpeed(-1),
    faster: () => isTimed(current) && setSpeed(1),
    back: () => isTimed(current) && stepFrame(-1),
    forward: () => isTimed(current) && stepFrame(1),
    loop: () => isTimed(current) && loop(),
    larger: () => frame?.zoom(1),
    smaller: () => frame?.zoom(-1),
    whole: () => frame?.whole(),
  };

  tools.addEventListener("click", (event) => ACTIONS[event.target.closest("[data-do]")?.dataset.do]?.());

  return {
    ahead: (item) => item && load(item),
    // Shows an item, calls `ready` once it can be seen, and begins to fetch the next one.
    show(item, next, ready) {
      keepOnly(item, next);
      const element = load(item);
      if (next) load(next);
      const isDrawn = element instanceof HTMLImageElement ? element.complete : isTimed(element) ? element.readyState >= 2 : true;
      current = element;
      frame = item.media.kind === "text" ? null : makeFrame(element);
      stage.replaceChildren(frame ? frame.element : element);
      tools.hidden = item.media.kind === "text";
      for (const group of tools.querySelectorAll("[data-for]")) group.hidden = group.dataset.for !== item.media.kind && group.dataset.for !== "any";
      element.addEventListener("error", () => current === element && onError(item), { once: true });
      if (isTimed(element)) {
        setSpeed(0);
        play();
      }
      stage.classList.toggle("is-loading", !isDrawn);
      const onDrawn = () => {
        if (current !== element) return;
        stage.classList.remove("is-loading");
        ready();
      };
      if (isDrawn) ready();
      else element.addEventListener(READY_EVENTS[item.media.kind], onDrawn, { once: true });
      return frame;
    },
    clear() {
      current = frame = null;
      stage.replaceChildren();
      tools.hidden = true;
    },
    do: (name) => ACTIONS[name]?.(),
  };
}
