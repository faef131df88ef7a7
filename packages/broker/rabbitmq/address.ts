import { BrokerRefusedError } from "../broker.ts";

/** Where RabbitMQ is, read from its URL: amqp://user:password@host:port/virtual-host, or amqps. */
export interface RabbitmqAddress {
  /** For the client library, with a heartbeat. */
  readonly url: string;
  /** host:port, for a person. */
  readonly place: string;
  readonly user: string;
  readonly virtualHost: string;
}

/** A peer that says nothing for two of these is gone. */
const heartbeatSeconds = 10;

export function readAddress(url: string): RabbitmqAddress {
  const parts = URL.parse(url);
  if (!parts || !/^amqps?:$/.test(parts.protocol) || parts.hostname === "") {
    throw new BrokerRefusedError(
      "The address of RabbitMQ must be like amqp://user:password@host:5672/virtual-host.",
    );
  }
  if (!parts.searchParams.has("heartbeat")) parts.searchParams.set("heartbeat", String(heartbeatSeconds));
  // The client library decodes the password by itself.
  decode(parts.password);
  return {
    url: parts.href,
    place: parts.host,
    user: decode(parts.username),
    virtualHost: decode(parts.pathname.slice(1)) || "/",
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw new BrokerRefusedError("The address of RabbitMQ has a % that must be written as %25.", {
      cause: error,
    });
  }
}

/** What a person can do about it, where RabbitMQ is there and does not let us in; undefined where waiting may help. */
export function refusalOf(address: RabbitmqAddress, error: Error): BrokerRefusedError | undefined {
  const { place, user, virtualHost } = address;
  if (/ACCESS[_-]REFUSED/.test(error.message)) {
    return new BrokerRefusedError(`RabbitMQ at ${place} refuses the user ${user}: check name and password.`, {
      cause: error,
    });
  }
  // Its text is not passed on by the client library: no such virtual host, or not for this user.
  if (/Expected ConnectionOpenOk; got <ConnectionClose/.test(error.message)) {
    return new BrokerRefusedError(
      `RabbitMQ at ${place} does not let ${user} into the virtual host ${virtualHost}: ` +
        "make it, and give this user its permissions there.",
      { cause: error },
    );
  }
  return undefined;
}
