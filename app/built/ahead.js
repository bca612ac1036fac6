// Made by `make bundle` out of the files named below; do not edit.

// widgets/replay/failures.js
var Known = class extends Error {
};
var fetched = async (url, request = (address) => fetch(address)) => {
  const name = url.slice(url.lastIndexOf("/") + 1);
  let answer;
  try {
    answer = await request(url);
  } catch {
    throw new Known(`The server does not answer (asked for ${name}). Is it still running?`);
  }
  if (!answer.ok) {
    throw new Known(`The server has no ${name} (it answers ${answer.status}).`);
  }
  return answer;
};

// widgets/replay/library.js
var loadScript = async (url) => {
  const text = await (await fetched(url)).text();
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
};
var FIRST = "meshes.bin";
var at = (name) => new URL(`app/static/${name}`, document.baseURI).href;
var load = () => {
  window.nnitReplay ||= (async () => {
    const [three, index, bytes] = await Promise.all([
      loadScript(at("three.bundle.js")),
      fetched(at("meshes.json")).then((answer) => answer.json()),
      fetched(at(FIRST)).then((answer) => answer.arrayBuffer())
    ]);
    return { three, index, files: /* @__PURE__ */ new Map([[FIRST, bytes]]), geometries: /* @__PURE__ */ new Map() };
  })();
  window.nnitReplay.catch(() => {
    delete window.nnitReplay;
  });
  return window.nnitReplay;
};

// widgets/replay/ahead.js
var { effectiveType = "4g", saveData = false } = navigator.connection || {};
if (effectiveType === "4g" && !saveData) load().catch(() => {
});
