/** Where PostgreSQL listens: a socket inside its own folder, or one port of this machine. */
export type Address = { readonly socketFolder: string } | { readonly port: number };

/** What sun_path holds on every system, less the name of the socket. */
const longestSocketPath = 103;

export const socketPort = 5432;

export function canHoldSocket(folder: string): boolean {
  if (process.platform === "win32") return false;
  return Buffer.byteLength(`${folder}/.s.PGSQL.${socketPort}.lock`) <= longestSocketPath;
}

/** The arguments of `postgres`: all settings are given at each start, so a new GoChat brings its own. */
export function serverArguments(folder: string, address: Address, connections: number): string[] {
  const settings: Record<string, string | number> = {
    ...listening(address),
    max_connections: connections,
    // Durable: what GoChat shows as sent is on disk.
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    wal_level: "minimal",
    max_wal_senders: 0,
    min_wal_size: "64MB",
    max_wal_size: "512MB",
    checkpoint_timeout: "10min",
    // Small: one chat server, not a machine of its own. The operating system caches the rest.
    shared_buffers: "48MB",
    huge_pages: "off",
    jit: "off",
    io_method: "sync",
    max_worker_processes: 0,
    max_parallel_workers: 0,
    max_parallel_workers_per_gather: 0,
    max_logical_replication_workers: 0,
    autovacuum: "on",
    autovacuum_worker_slots: 2,
    autovacuum_max_workers: 2,
    random_page_cost: 1.1,
    timezone: "UTC",
    // Errors go to the client that caused them. Their text may hold what people wrote, so it is not logged.
    log_min_messages: "log",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_checkpoints: "off",
    log_connections: "",
    log_line_prefix: "",
    log_timezone: "UTC",
    lc_messages: "C",
  };
  return ["-D", folder, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

function listening(address: Address): Record<string, string | number> {
  if ("port" in address)
    return { listen_addresses: "127.0.0.1", port: address.port, unix_socket_directories: "" };
  return {
    listen_addresses: "",
    port: socketPort,
    // A list, in which a quoted name may hold commas and spaces.
    unix_socket_directories: `"${address.socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
  };
}
