// A photo as the bag keeps it: the right way up, small enough for a village's line, as JPEG. Knows no page.
const SIDE_MAX = 2000;
const QUALITY = 0.85;

async function drawn(picture: CanvasImageSource, width: number, height: number): Promise<Blob> {
  const shrink = Math.min(1, SIDE_MAX / Math.max(width, height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * shrink));
  canvas.height = Math.max(1, Math.round(height * shrink));
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('no canvas');
  // What is clear becomes paper.
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (jpeg === null) throw new Error('no picture');
  return jpeg;
}

/** A file as a photo. Throws where it is no picture that this browser reads. */
export async function scaled(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  try {
    return await drawn(picture, picture.width, picture.height);
  } finally {
    picture.close();
  }
}

/** What a camera shows now as a photo. */
export const framed = (video: HTMLVideoElement): Promise<Blob> => drawn(video, video.videoWidth, video.videoHeight);
