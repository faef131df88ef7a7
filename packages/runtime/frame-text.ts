declare const frame: unique symbol;

/** The JSON of a frame in UTF-8. */
export type FrameText<Frame extends object> = Buffer & { readonly [frame]: Frame };

export function frameText<Frame extends object>(frame: Frame): FrameText<Frame> {
  return Buffer.from(JSON.stringify(frame)) as FrameText<Frame>;
}
