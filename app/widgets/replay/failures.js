// What is said where the robot cannot be shown in 3D: the cause that was found, and no other.

// An error whose message is a sentence for the visitor.
export class Known extends Error {}

// The answer to a request for a file of this server; `request` is `fetch`.
export const fetched = async (url, request = (address) => fetch(address)) => {
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

// `make()`, which needs WebGL.
export const needingWebGL = (make) => {
  try {
    return make();
  } catch {
    throw new Known("This browser cannot draw in 3D: it has no WebGL, or WebGL is switched off.");
  }
};

export const LOST = "The browser has ended 3D drawing on this page; reload the page to go on.";

// A sentence for the visitor.
export const sentenceOf = (error) => {
  const found = error instanceof Known ? error.message : `The 3D view failed (${error}).`;
  return `${found} The film shows the same.`;
};
