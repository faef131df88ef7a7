import { useEffect, useRef } from "react";

/** The end of a list that goes on: asks for the next page as soon as it comes near the view. */
export function LoadMore({ onVisible }: { onVisible: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onVisible(), {
      rootMargin: "400px",
    });
    if (ref.current) observer.observe(ref.current);
    return () => observer.disconnect();
  }, [onVisible]);
  return (
    <div ref={ref} className="relative h-12" aria-hidden="true">
      <span className="thread thread-dotted left-[1.84rem]" />
    </div>
  );
}
