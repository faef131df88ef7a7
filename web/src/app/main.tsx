import "./styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "react-redux";
import { ClientProvider } from "../realtime/client-context.ts";
import { App, loadShell } from "./App.tsx";
import { createClient } from "./store.ts";

const { store, client } = createClient();
client.realtime.start();
if (client.keeper.hasBeenSignedIn()) void loadShell();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Provider store={store}>
      <ClientProvider value={client}>
        <App />
      </ClientProvider>
    </Provider>
  </StrictMode>,
);
