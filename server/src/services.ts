import { auth } from "@gochat/auth/index";
import { chat } from "@gochat/chat/index";
import type { ServiceName } from "@gochat/contracts/events/event";
import { serviceNames } from "@gochat/contracts/events/event";
import { StartError } from "@gochat/database/start-error";
import { messages } from "@gochat/messages/index";
import { notifications } from "@gochat/notifications/index";
import type { ServiceDefinition } from "@gochat/runtime/service";
import { users } from "@gochat/users/index";

/** Every service, in the order in which they start. */
export const services: Readonly<Record<ServiceName, ServiceDefinition>> = {
  auth,
  users,
  messages,
  notifications,
  chat,
};

/** The services named on the command line; none means all. Throws a StartError for a name that is not a service. */
export function chooseServices(names: readonly string[]): ServiceDefinition[] {
  const unknown = names.find((name) => !Object.hasOwn(services, name));
  if (unknown !== undefined) {
    throw new StartError(
      `${unknown} is not a service. Choose from ${serviceNames.join(", ")}, or name none for all.`,
    );
  }
  return Object.values(services).filter(({ name }) => names.length === 0 || names.includes(name));
}
