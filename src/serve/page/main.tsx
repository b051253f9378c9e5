/**
 * The page of `moco explore`.
 *
 * @module
 */
import { render } from "preact";
import { DropTarget } from "./parts/drop_target.tsx";
import { HelpDialog, isHelpOpen } from "./parts/help_dialog.tsx";
import { Header } from "./parts/header.tsx";
import { ImageDialog } from "./parts/image_dialog.tsx";
import { NoticeLine } from "./parts/notice_line.tsx";
import { PromptDialog } from "./parts/prompt_dialog.tsx";
import { followAddress } from "./state/address.ts";
import { followNeighbours } from "./state/analysis.ts";
import { failure, info } from "./state/collection.ts";
import { followFocus } from "./state/focus.ts";
import { here, loadHere } from "./state/here.ts";
import { followKeys } from "./state/keys.ts";
import { followLikes } from "./state/likes.ts";
import { followEncoders } from "./state/map.ts";
import { followTheme } from "./state/theme.ts";
import { shown } from "./views/views.ts";

function Page() {
  const View = shown.value?.component;
  const isReady = shown.value?.of === "runs" || info.value !== undefined;
  const hasCollection = here.value?.hasCollection ?? false;
  return (
    <>
      <Header />
      <main>
        {View !== undefined && isReady ? <View /> : failure.value !== undefined
          ? (
            <div class="empty error" role="alert">
              <p>{failure.value}</p>
              <button type="button" class="main" onClick={loadHere}>Try again</button>
            </div>
          )
          : <p class="empty">Loading …</p>}
      </main>
      <ImageDialog />
      <PromptDialog />
      <HelpDialog />
      {hasCollection && <DropTarget />}
      <NoticeLine />
    </>
  );
}

followTheme();
followAddress();
followKeys(() => isHelpOpen.value = true);
followEncoders();
followLikes();
followNeighbours();
followFocus();
loadHere();
render(<Page />, document.getElementById("page")!);
