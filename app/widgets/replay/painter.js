// One WebGL context for all views of a page that are drawn alike: a browser without a GPU takes a third of a second to
// make one and stops the page while it closes one, and browsers allow some sixteen. It draws one view after the other;
// each has a canvas of its own, onto which its picture is copied.
import { needingWebGL } from "./failures.js";
import { isSoftware } from "./library.js";

const createPainter = ({ three }, fine) => {
  const renderer = needingWebGL(() => new three.WebGLRenderer({ antialias: fine, alpha: true }));
  renderer.shadowMap.enabled = fine;
  const sheet = renderer.domElement;
  return {
    software: isSoftware(renderer.getContext()),
    sheet,
    // Draws a scene onto a canvas, as large as that is.
    draw: (scene, camera, canvas) => {
      const { width, height } = canvas;
      // It grows only, since another size means other memory: the picture is in its lower left corner.
      if (sheet.width < width || sheet.height < height)
        renderer.setSize(Math.max(sheet.width, width), Math.max(sheet.height, height), false);
      renderer.setViewport(0, 0, width, height);
      renderer.render(scene, camera);
      const context = canvas.getContext("2d");
      context.globalCompositeOperation = "copy";
      context.drawImage(sheet, 0, sheet.height - height, width, height, 0, 0, width, height);
    },
    close: () => {
      renderer.dispose();
      renderer.forceContextLoss();
    },
  };
};

// The painter of a page whose pictures are `fine`, or not; one that lost its context makes way for another.
export const painterOf = (library, fine) => {
  library.painters ??= new Map();
  const { painters } = library;
  if (!painters.has(fine)) {
    const painter = createPainter(library, fine);
    library.software = painter.software;
    painters.set(fine, painter);
    painter.sheet.addEventListener("webglcontextlost", () => painters.delete(fine));
  }
  return painters.get(fine);
};

// Whether WebGL is computed on the processor.
export const drawsInSoftware = (library) => {
  if (library.software === undefined && !painterOf(library, false).software) {
    // Where there is a GPU pictures are fine ones.
    library.painters.get(false).close();
    library.painters.delete(false);
  }
  return library.software;
};
