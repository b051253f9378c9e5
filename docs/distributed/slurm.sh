#!/bin/bash
#SBATCH --job-name=moco
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --gpus-per-task=1
#SBATCH --cpus-per-task=8
#SBATCH --signal=TERM@120
#SBATCH --time=48:00:00
# One task a GPU: `sbatch docs/distributed/slurm.sh`. The folder of the run is on a disk that all nodes share.
set -euo pipefail

run=${RUN:-$PWD/runs/imagenet}
hosts=$PWD/hosts-$SLURM_JOB_ID.json
resume=()
if ls "$run"/checkpoints/step-*.safetensors >/dev/null 2>&1; then resume=(--resume); fi

# The addresses of the private network, one for each task, in the order of the ranks.
for node in $(scontrol show hostnames "$SLURM_JOB_NODELIST"); do
  address=$(srun --nodes=1 --ntasks=1 --nodelist="$node" hostname --ip-address | awk '{ print $1 }')
  for ((task = 0; task < SLURM_NTASKS_PER_NODE; task++)); do echo "$address:$((4000 + task))"; done
done | awk 'BEGIN { printf "[" } { printf "%s\"%s\"", NR > 1 ? ", " : "", $0 } END { print "]" }' >"$hosts"

# --signal tells every task to save two minutes before its time is over.
srun --kill-on-bad-exit=0 deno task moco pretrain --preset v2 --path "$IMAGENET" --out "$run" \
  --cluster "$hosts" --rank auto --timeout 600 "${resume[@]}"
