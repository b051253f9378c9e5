/**
 * The head of the page: what is looked at, the views, and what holds for all of them.
 *
 * @module
 */
import { counted } from "../format.ts";
import { encoder, encoderName, info } from "../state/collection.ts";
import { runs } from "../state/runs.ts";
import { theme } from "../state/theme.ts";
import { lastDone, undo } from "../state/undo.ts";
import { shown, view, views } from "../views/views.ts";
import { SearchButton } from "./drop_target.tsx";
import { isHelpOpen } from "./help_dialog.tsx";

/** The head. */
export function Header() {
  const encoders = info.value?.encoders ?? [];
  const next = theme.value === "system" ? "light" : theme.value === "light" ? "dark" : "system";
  return (
    <header>
      <h1>
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <circle cx="6" cy="7" r="3.2" />
          <circle cx="14" cy="5.5" r="2.2" />
          <circle cx="13" cy="14" r="3.8" />
        </svg>
        <span class="name">{info.value?.name ?? nameOfRuns()}</span>
      </h1>
      <nav aria-label="Views">
        {views.value.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            aria-current={shown.value?.id === id ? "page" : undefined}
            onClick={() => view.value = id}
          >
            {name}
          </button>
        ))}
      </nav>
      <div class="tools">
        {encoder.value !== undefined && <SearchButton />}
        {encoders.length > 1 && (
          <label class="field">
            <span class="only-read">Encoder</span>
            <select
              value={encoder.value?.name}
              onChange={({ currentTarget }) => encoderName.value = currentTarget.value}
            >
              {encoders.map(({ name }) => <option key={name} value={name}>{name}</option>)}
            </select>
          </label>
        )}
        {info.value !== undefined && (
          <button
            type="button"
            class="icon"
            disabled={lastDone() === undefined}
            title={lastDone() === undefined ? "Nothing to undo" : `Undo: ${lastDone()!.what} (Ctrl+Z)`}
            aria-label="Undo"
            onClick={() => undo()}
          >
            ↶
          </button>
        )}
        <button
          type="button"
          class="icon"
          title={`Colours: ${theme.value}. Press for ${next}.`}
          aria-label={`Colours: ${theme.value}. Change to ${next}.`}
          onClick={() => theme.value = next}
        >
          {theme.value === "system" ? "◐" : theme.value === "light" ? "☀" : "☾"}
        </button>
        <button
          type="button"
          class="icon"
          title="Keys (?)"
          aria-label="Keys"
          onClick={() => isHelpOpen.value = true}
        >
          ?
        </button>
      </div>
    </header>
  );
}

/** What is looked at where there is no collection. */
function nameOfRuns(): string {
  const found = runs.value ?? [];
  return found.length === 0 ? "moco" : found.length === 1 ? found[0].name : counted(found.length, "run");
}
