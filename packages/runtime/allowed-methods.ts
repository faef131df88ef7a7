/** Which methods the paths of an application know: for 405 instead of 404, and its `Allow` header. */
export class AllowedMethods {
  readonly #byPath = new Map<string, Set<string>>();

  /** `path` with parameters as `:name`. Wildcards are pages and files, and say nothing of methods. */
  add(path: string, method: string): void {
    if (path.includes("*")) return;
    this.#byPath.set(path, (this.#byPath.get(path) ?? new Set()).add(method));
  }

  /** The methods of the path that this URL names; none where nothing is served there. */
  of(url: string): string[] {
    const asked = url.split("?", 1)[0]!.split("/");
    const matches = [...this.#byPath].filter(([path]) => {
      const parts = path.split("/");
      return (
        parts.length === asked.length &&
        parts.every((part, index) => part.startsWith(":") || part === asked[index])
      );
    });
    // A literal path wins over one with parameters, as in the router.
    const exact = matches.filter(([path]) => !path.includes(":"));
    return (exact.length > 0 ? exact : matches).flatMap(([, methods]) => [...methods]);
  }
}
