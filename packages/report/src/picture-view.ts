import { ReconError, readPicture, type StoredPicture } from "@recon/core";
import { type Html, html } from "./html.ts";

/** Below this width in its file, a picture is enlarged with hard edges: every value stays visible as it is. */
const coarseWidth = 200;

/** Whether a picture takes a whole row: text and drawings are read, and a small image is only seen. */
export function isWide(picture: StoredPicture): boolean {
  return "spans" in picture || picture.file.endsWith(".svg");
}

/** A stored picture without its caption: an image that carries its own bytes, marked spans, or why it is not shown. */
export function pictureView(folder: string, picture: StoredPicture, owner: string): Html {
  if ("spans" in picture) {
    return html`<p class="spans">${picture.spans.map(({ text, mark }) => (mark === "" ? text : html`<mark title="${mark}" data-mark="${mark}">${text}</mark>`))}</p>`;
  }
  const alt = [`${picture.title} of ${owner}`, picture.caption].filter((words) => words !== "").join(". ");
  try {
    const { type, bytes } = readPicture(folder, picture.file);
    const base64 = Buffer.from(bytes).toString("base64");
    // As an image, SVG runs no script and loads nothing.
    if (type === "svg") return html`<img src="data:image/svg+xml;base64,${base64}" alt="${alt}">`;
    const { width, height } = pngSize(bytes, picture.file);
    const coarse = width < coarseWidth ? " coarse" : "";
    return html`<img class="raster${coarse}" src="data:image/png;base64,${base64}" width="${width}" height="${height}" alt="${alt}">`;
  } catch (error) {
    if (!(error instanceof ReconError)) throw error;
    return html`<p class="unshown" role="note">${error.message}</p>`;
  }
}

/** A stored picture with its title and caption. */
export function pictureFigure(folder: string, picture: StoredPicture, owner: string): Html {
  const marks =
    "spans" in picture
      ? [...new Set(picture.spans.flatMap((span) => span.mark.split(" ")))].filter((mark) => mark !== "")
      : [];
  const legend =
    marks.length > 0 &&
    html`<span class="legend">${marks.map((mark) => html` <mark data-mark="${mark}">${mark}</mark>`)}</span>`;
  const kind = isWide(picture) ? "picture wide" : "picture";
  return html`<figure class="${kind}">${pictureView(folder, picture, owner)}<figcaption><b>${picture.title}</b>${picture.caption !== "" && html` <span>${picture.caption}</span>`}${legend}</figcaption></figure>`;
}

function pngSize(bytes: Uint8Array, file: string): { readonly width: number; readonly height: number } {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (bytes.length < 24 || signature.some((byte, index) => bytes[index] !== byte)) {
    throw new ReconError("picture-unreadable", `The picture ${file} is not shown: it is not a PNG.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
