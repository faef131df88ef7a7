import type { ComponentProps } from "react";

const looks = {
  primary:
    "rounded-full bg-pine px-5 py-2.5 font-semibold text-on-pine transition-colors hover:bg-pine-deep disabled:opacity-60",
  outline:
    "rounded-full border border-thread px-4 py-2 font-medium text-ink transition-colors hover:border-pine hover:text-pine disabled:opacity-60",
  quiet:
    "rounded font-medium text-pine underline decoration-thread decoration-1 underline-offset-4 transition-colors hover:decoration-pine disabled:opacity-60",
  icon: "grid size-10 place-items-center rounded-full text-soft transition-colors hover:bg-wash hover:text-ink aria-expanded:bg-wash aria-expanded:text-ink aria-[current=page]:text-pine",
} as const;

export type ButtonLook = keyof typeof looks;

export const buttonLook = (look: ButtonLook): string => looks[look];

export function Button({
  look = "primary",
  className = "",
  ...rest
}: ComponentProps<"button"> & { look?: ButtonLook }) {
  return <button type="button" className={`${looks[look]} ${className}`} {...rest} />;
}
