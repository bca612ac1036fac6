// The life of a drawn part. Streamlit calls its script at every run of the page, mostly with the same data, and
// what the script returned before each next call and when the part has gone.
//
// A view is what a part's script builds once in its root:
//   show(data, call, same)  takes the data; `call` is Streamlit's, `same` says that the data's key has not changed
//   layOut()                draws for the width, the theme and the pixels of the moment
//   close()                 lets go of what a part that has gone must not keep; `show` may come again after it

// What is returned is called before the part is shown again, too, on a busy server long before: it has gone only
// when it has left the document.
export const LINGER_MS = 200;

// Calls `layOut` when the root's width, the theme or the number of device pixels changes. Returns what ends that.
const watch = (root, isNew, layOut) => {
  const ending = new AbortController();
  const { signal } = ending;
  const resized = new ResizeObserver(() => {
    if (isNew(root.clientWidth)) layOut();
  });
  resized.observe(root);
  // A change of theme changes the colour of text; the transition tells of it.
  root.style.transition = "color 1ms";
  const themed = (event) => {
    if (event.target === root) layOut();
  };
  root.addEventListener("transitionend", themed, { signal });
  const watchPixels = () => {
    const now = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    const changed = () => {
      layOut();
      watchPixels();
    };
    now.addEventListener("change", changed, { once: true, signal });
  };
  watchPixels();
  return () => {
    ending.abort();
    resized.disconnect();
  };
};

const begin = (root, view) => {
  let key;
  let newest = 0;
  let width = 0;
  let closing;
  let unwatch = null;

  const layOut = () => {
    width = root.clientWidth;
    if (width) view.layOut();
  };
  const end = () => {
    if (root.isConnected) {
      close();
      return;
    }
    unwatch?.();
    unwatch = null;
    view.close?.();
  };
  const close = () => {
    clearTimeout(closing);
    closing = setTimeout(end, LINGER_MS);
  };
  return (call) => {
    clearTimeout(closing);
    const [data, time] = call.data; // see `parts.py`
    if (time < newest) return close; // overtaken by what was sent later
    newest = time;
    const same = data.key !== undefined && data.key === key;
    key = data.key;
    view.show(data, call, same);
    // The theme may have changed while nobody watched.
    if (!same || !unwatch) layOut();
    unwatch ??= watch(root, (now) => now !== width, layOut);
    return close;
  };
};

// The function that Streamlit calls, for the element of this class; `build(root)` makes its view.
export const livingPart = (name, build) => (call) => {
  const root = call.parentElement.querySelector(`.${name}`);
  root.life ??= begin(root, build(root));
  return root.life(call);
};

// Builds a view whose content is made anew for other data: `make(root, data, call)` gives {layOut, close}, and, if it
// takes what is new under the same key, `take(data)`.
export const remade = (make) => (root) => {
  let made = null;
  const close = () => {
    made?.close();
    made = null;
  };
  return {
    show: (data, call, same) => {
      if (same && made) {
        made.take?.(data);
        return;
      }
      close();
      made = make(root, data, call);
    },
    layOut: () => made?.layOut(),
    close,
  };
};
