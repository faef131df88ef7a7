/** A pointer that is not a finger: there is a keyboard, and it may take the focus without covering the page. */
export const hasFinePointer = (): boolean => matchMedia("(hover: hover) and (pointer: fine)").matches;

/** A finger first of all: the keyboard is on the screen, where Shift and Enter together are hard to press. */
export const hasCoarsePointer = (): boolean => matchMedia("(pointer: coarse)").matches;
