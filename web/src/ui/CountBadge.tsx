/** How much is new, at the corner of the button that leads there; that button is the containing block. */
export function CountBadge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="absolute top-0.5 right-0 min-w-4.5 rounded-full bg-pine px-1 text-center text-[0.6875rem] leading-[1.125rem] font-semibold text-on-pine">
      {count > 99 ? "99+" : count}
    </span>
  );
}
