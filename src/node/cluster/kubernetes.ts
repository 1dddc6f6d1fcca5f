// An Indexed Job of Kubernetes (batch/v1) for the same shards: its containers take their number from JOB_COMPLETION_INDEX.
import { stringify } from 'yaml';
import { quoted, type ClusterJob } from './scripts.ts';

interface KubernetesWishes {
  image: string;
  /** A persistent volume claim that every container mounts at `mount`. */
  claim: string;
  mount: string;
  cpus: number | null;
  memory: string | null;
}

/** How often one shard may fail before it counts as failed. */
const retries = 3;

/** YAML, with how to go on as a comment. Checkpoints and folder are paths within the containers. */
export function kubernetesJob(job: ClusterJob, wishes: KubernetesWishes): string {
  const next = [...job.program, 'merge', job.directory, ...job.mergeArguments].map(quoted).join(' ');
  const comment = [
    `# ${job.shards} shards of one analysis. Then, where ${wishes.mount} is at hand:`,
    `#   kubectl wait --for=condition=complete --timeout=-1s job/${name}`,
    `#   ${next} --json report.json`,
    '# A shard that is done is not measured again: after a failure, delete the job and apply it once more.',
  ];
  return `${comment.join('\n')}\n${stringify(manifest(job, wishes), { lineWidth: 0 })}`;
}

const name = 'three-gate';

function manifest(job: ClusterJob, { image, claim, mount, cpus, memory }: KubernetesWishes): object {
  const { directory, basePath, tunedPath, shards, program, analyzeArguments } = job;
  const threads = cpus === null ? [] : ['--threads', String(cpus)];
  const own = ['--shard', `/${shards}`, '--out', directory, '--quiet', '--yes'];
  const wanted = { ...(cpus !== null && { cpu: String(cpus) }), ...(memory !== null && { memory }) };
  const container = {
    name,
    image,
    command: [...program, 'analyze', basePath, tunedPath, ...own, ...threads, ...analyzeArguments],
    ...(Object.keys(wanted).length > 0 && { resources: { requests: wanted, limits: wanted } }),
    volumeMounts: [{ name: 'shared', mountPath: mount }],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      completionMode: 'Indexed',
      completions: shards,
      parallelism: shards,
      backoffLimitPerIndex: retries,
      maxFailedIndexes: shards,
      template: {
        spec: {
          restartPolicy: 'Never',
          containers: [container],
          volumes: [{ name: 'shared', persistentVolumeClaim: { claimName: claim } }],
        },
      },
    },
  };
}
