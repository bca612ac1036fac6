// Makes the scripts that the browser gets, one for each drawn part, and writes them to `app/built`:
// `make bundle`. With `--check` it writes nothing and says which are not as their sources are.
//
// Why bundles, and why they are kept in the repository: Streamlit sends the script of a part as one text inside the
// page's own connection. Modules that import each other would have to be served beside it, as so many more requests,
// and Streamlit serves scripts as plain text, which browsers refuse to import. A bundle is one text that works under
// any base path, without what a part does not use, and the app starts where there is no Node.js. The bundles are not
// minified, so that a reader, and the browser's debugger, see names and lines.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const PARTS = {
  ahead: "widgets/replay/ahead.js",
  alignment: "views/alignment/figure.js",
  cutting: "views/how/cutting.js",
  deck: "views/how/deck.js",
  examination: "views/alignment/examination.js",
  figure: "views/evidence/figure.js",
  films: "widgets/films/films.js",
  goal_pad: "widgets/goals/pad.js",
  goals: "widgets/goals/goals.js",
  history: "widgets/history/history.js",
  home: "widgets/live/home.js",
  live: "widgets/live/live.js",
  neurons: "widgets/neurons/neurons.js",
  noise: "views/noise/figure.js",
  reading: "widgets/reading/reading.js",
  replay: "widgets/replay/replay.js",
  sequence: "widgets/sequence/sequence.js",
  weights: "widgets/weights/weights.js",
};
const APP = fileURLToPath(new URL("..", import.meta.url));
const BUILT = join(APP, "built");

const HOW = {
  absWorkingDir: APP,
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  write: false,
};
// `import text from "./script.js?text"`: a script with all that it imports, as text, for a worker.
const asText = {
  name: "as-text",
  setup({ onResolve, onLoad }) {
    // The path goes into the bundle as a comment, so it is that from `app`.
    onResolve({ filter: /\?text$/ }, ({ path, resolveDir }) => ({
      path: relative(APP, join(resolveDir, path.replace(/\?text$/, ""))),
      namespace: "as-text",
    }));
    onLoad({ filter: /.*/, namespace: "as-text" }, async ({ path }) => {
      const how = { ...HOW, format: "iife", entryPoints: [path], outdir: BUILT };
      const { outputFiles } = await build(how);
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};

const { outputFiles } = await build({
  ...HOW,
  entryPoints: Object.entries(PARTS).map(([out, path]) => ({ in: path, out })),
  outdir: BUILT,
  plugins: [asText],
  banner: { js: "// Made by `make bundle` out of the files named below; do not edit." },
});

await mkdir(BUILT, { recursive: true });
const there = new Set((await readdir(BUILT)).filter((name) => name.endsWith(".js")));
const stale = [];
for (const { path, text } of outputFiles) {
  const name = basename(path);
  if (!there.delete(name) || (await readFile(path, "utf8")) !== text) stale.push([path, text]);
}
const left = [...there].map((name) => join(BUILT, name));

if (!process.argv.includes("--check")) {
  for (const [path, text] of stale) await writeFile(path, text);
  for (const path of left) await rm(path);
} else if (stale.length || left.length) {
  const names = [...stale.map(([path]) => path), ...left].map((path) => basename(path));
  console.error(
    `Not as their sources are: ${names.join(", ")} in app/built. Run \`make bundle\`, commit the result.`,
  );
  process.exitCode = 1;
}
