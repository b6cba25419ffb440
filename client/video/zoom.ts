/** Digital zoom as arithmetic: a picture in a box, enlarged about a point and moved, never so that its edge leaves the box. */
export interface Size { w: number; h: number }
/** `x`, `y`: where the box's upper left corner has moved to, in pixels, after enlarging by `scale`. */
export interface View { scale: number; x: number; y: number }
export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const MOST = 8;

/** `picture`: its own size; it lies in the box as large as fits (object-fit: contain). */
export function within({ scale, x, y }: View, box: Size, picture: Size): View {
  const by = Math.min(MOST, Math.max(1, scale));
  const fit = picture.w > 0 && picture.h > 0 ? Math.min(box.w / picture.w, box.h / picture.h) : 1;
  const along = (at: number, room: number, size: number): number => {
    const before = (room - size) / 2;
    if (size * by <= room) return (room - size * by) / 2 - before * by;
    return Math.min(-before * by, Math.max(room - (before + size) * by, at));
  };
  return { scale: by, x: along(x, box.w, picture.w > 0 ? picture.w * fit : box.w), y: along(y, box.h, picture.h > 0 ? picture.h * fit : box.h) };
}
/** Enlarged about a point of the box, which stays where it is. */
export function zoomAt(view: View, factor: number, at: { x: number; y: number }): View {
  const scale = Math.min(MOST, Math.max(1, view.scale * factor));
  const by = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * by, y: at.y - (at.y - view.y) * by };
}
export const moved = (view: View, dx: number, dy: number): View => ({ ...view, x: view.x + dx, y: view.y + dy });
