/**
 * What is searched for: the images that the results are to be like, and those that they are not to be like.
 *
 * @module
 */
import { chosen } from "../state/chosen.ts";
import { loadDetails, pictureAddress, refused } from "../state/collection.ts";
import {
  forget,
  isSearching,
  isWaiting,
  likes,
  searchAgain,
  searchFailure,
  searchLike,
  searchUnlike,
  stopSearch,
} from "../state/likes.ts";

/** The strip above the images while there is a search. */
export function SearchStrip() {
  if (!isSearching.value) return null;
  const { these, those, examples } = likes.value;
  const withChosen = (then: (ids: readonly number[]) => void): void => {
    loadDetails([...chosen.value]).then((images) => {
      then(images.map(({ id }) => id));
      chosen.value = new Set();
    }, refused);
  };
  return (
    <div class="strip" role="group" aria-label="Search">
      <span>Like</span>
      <Pictures ids={examples} address={(id) => `api/example/${id}`} />
      <Pictures ids={these} address={thumbnail} />
      {those.length > 0 && <span>and not like</span>}
      <Pictures ids={those} address={thumbnail} />
      {chosen.value.size > 0 && (
        <>
          <button type="button" onClick={() => withChosen((ids) => searchLike(ids, true))}>+ chosen</button>
          <button type="button" onClick={() => withChosen(searchUnlike)}>− chosen</button>
        </>
      )}
      {isWaiting.value && <span class="muted" role="status">Searching …</span>}
      {searchFailure.value !== undefined && (
        <>
          <span class="error" role="alert">{searchFailure.value}</span>
          <button type="button" onClick={searchAgain}>Try again</button>
        </>
      )}
      <button type="button" class="end" onClick={stopSearch}>End the search</button>
    </div>
  );
}

const thumbnail = (id: number): string => pictureAddress("thumbnail", id);

function Pictures({ ids, address }: { readonly ids: readonly number[]; readonly address: (id: number) => string }) {
  if (ids.length === 0) return null;
  return (
    <ul>
      {ids.map((id) => (
        <li key={id}>
          <button type="button" aria-label="Take this image out of the search" onClick={() => forget(id)}>
            <img src={address(id)} alt="" />
          </button>
        </li>
      ))}
    </ul>
  );
}
