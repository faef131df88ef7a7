import { findProgram } from "./debian.ts";

const places = {
  name: "Chromium",
  debianPackages: ["chromium"],
  paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  variable: "CHROMIUM_PATH",
};

/** The path of a browser for tests and measurements. */
export function findChromium(): string {
  return findProgram(places);
}
