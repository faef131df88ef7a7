declare const frame: unique symbol;

/** The JSON of a frame. */
export type FrameText<Frame extends object> = string & { readonly [frame]: Frame };

export function frameText<Frame extends object>(frame: Frame): FrameText<Frame> {
  return JSON.stringify(frame) as FrameText<Frame>;
}
