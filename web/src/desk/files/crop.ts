// What of a picture is kept: four edges as shares of its width and height, after it was turned.
export interface Crop {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
export type Edge = keyof Crop;
export type Quarter = 0 | 90 | 180 | 270;

export const whole: Crop = { left: 0, top: 0, right: 1, bottom: 1 };
/** Less is a slip of the hand, not a paper. */
const leastShare = 0.05;

/** The crop with one edge moved: never outside, never past the edge across. */
export function withEdge(crop: Crop, edge: Edge, to: number): Crop {
  const bounds = {
    left: [0, crop.right - leastShare],
    right: [crop.left + leastShare, 1],
    top: [0, crop.bottom - leastShare],
    bottom: [crop.top + leastShare, 1],
  }[edge] as [number, number];
  return { ...crop, [edge]: Math.min(Math.max(to, bounds[0]), bounds[1]) };
}

/** The edges turn with the picture, a quarter to the right. */
export const turned = ({ left, top, right, bottom }: Crop): Crop => ({ left: 1 - bottom, right: 1 - top, top: left, bottom: right });

/** Cuts it out of a frame of a video, as a JPEG. */
export async function cutOut(video: HTMLVideoElement, crop: Crop, turn: Quarter, name: string): Promise<File> {
  const [wide, high] = [video.videoWidth, video.videoHeight];
  const [across, down] = turn % 180 ? [high, wide] : [wide, high];
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round((crop.right - crop.left) * across));
  canvas.height = Math.max(1, Math.round((crop.bottom - crop.top) * down));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  context.translate(across / 2 - crop.left * across, down / 2 - crop.top * down);
  context.rotate((turn * Math.PI) / 180);
  context.drawImage(video, -wide / 2, -high / 2);
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
  if (!picture) throw new Error('no picture');
  return new File([picture], name, { type: 'image/jpeg' });
}
