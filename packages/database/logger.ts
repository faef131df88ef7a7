/** What this package needs of a logger; the runtime's fits. */
export interface DatabaseLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: DatabaseLogger = { debug() {}, info() {}, warn() {}, error() {} };
