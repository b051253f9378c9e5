import { Either, pipe, TaskEither } from "../../core/either.ts";
import { reasonOf } from "../../core/reason.ts";
import { type Cluster, joinCluster } from "../../engine/mod.ts";
import type { UnreadableConfig } from "../configure_errors.ts";
import type { BadCluster, Unjoined } from "./errors.ts";
import { type ClusterRequest, membersOf } from "./members.ts";

/** Joins the cluster that a request or the environment names; undefined if neither names one. */
export function join(
  request: ClusterRequest,
): TaskEither<BadCluster | UnreadableConfig | Unjoined, Cluster | undefined> {
  return pipe(
    membersOf(request, (name) => Deno.env.get(name)),
    TaskEither.flatMap((members): TaskEither<Unjoined, Cluster | undefined> => async () => {
      if (members === undefined) return Either.right(undefined);
      try {
        return Either.right(await joinCluster(members));
      } catch (thrown) {
        return Either.left({ _tag: "Unjoined", address: members.addresses[members.rank], reason: reasonOf(thrown) });
      }
    }),
  );
}
