// What a live robot runs on, from this server, once for all robots of a page: MuJoCo's WebAssembly build, its script,
// and the scene of a task. All are packed; a browser that has them asks no more, since their addresses name their
// content and the server says nothing of how long they hold.
import { fetched, Known } from "../replay/failures.js";

const ask = (address) => fetch(address, { cache: "force-cache" });

export const NO_WASM = "This browser cannot run the robot itself: it has no WebAssembly.";

// Whether all is there that a live robot needs besides WebGL, which the view asks for itself.
export const lacks = (scope = globalThis) => {
  if (!scope.WebAssembly?.compileStreaming || !scope.Worker || !scope.DecompressionStream)
    return NO_WASM;
  return null;
};

const unpacked = async (address, type) => {
  const { body } = await fetched(address, ask);
  return new Response(body.pipeThrough(new DecompressionStream("gzip")), {
    headers: { "Content-Type": type },
  });
};

// Keeps what has been loaded on the page; what failed is asked for again.
export const kept = (name, make) => {
  window.nnitLive ||= new Map();
  const all = window.nnitLive;
  if (!all.has(name)) {
    const coming = make();
    coming.catch(() => all.delete(name));
    all.set(name, coming);
  }
  return all.get(name);
};

const addressOf = (name) => new URL(`app/static/live/${name}`, document.baseURI).href;

// {module, script, facts}; `files` has the names, see `live.py`.
export const loadLive = async ({ wasm, script, scene }) => {
  const wrong = lacks();
  if (wrong) throw new Known(wrong);
  const [module, text, facts] = await Promise.all([
    kept(wasm, async () =>
      WebAssembly.compileStreaming(await unpacked(addressOf(wasm), "application/wasm")),
    ),
    kept(script, async () => (await unpacked(addressOf(script), "text/javascript")).text()),
    kept(scene, async () => (await unpacked(addressOf(scene), "application/json")).json()),
  ]);
  return { module, script: text, facts };
};
