import { useState } from "react";
import { chooseTheme, currentTheme, type Theme } from "./theme.ts";

const themes: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "System" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];

export function ThemeChoice() {
  const [theme, setTheme] = useState(currentTheme);
  return (
    <fieldset>
      <legend className="text-sm text-soft">Theme</legend>
      <div className="mt-1.5 flex gap-5">
        {themes.map(({ value, label }) => (
          <label
            key={value}
            className="flex cursor-pointer items-center gap-2 has-checked:font-semibold has-checked:text-pine"
          >
            <input
              type="radio"
              name="theme"
              value={value}
              checked={theme === value}
              onChange={() => {
                chooseTheme(value);
                setTheme(value);
              }}
              className="size-2.5 cursor-pointer appearance-none rounded-full border border-faint checked:border-pine checked:bg-pine"
            />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
