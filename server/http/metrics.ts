/** What Prometheus reads. No names of people, cameras or dossiers; units only as counts. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export interface Metrics {
  registry: Registry;
  request: Histogram<'method' | 'route' | 'status'>;
  ingested: Counter<'kind' | 'outcome'>;
  screens: Gauge; watches: Gauge; livingAlerts: Gauge<'rule'>; cameras: Gauge<'state'>; roundSeconds: Histogram<'round'>; nodeRestarts: Gauge; spoken: Gauge;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'centre_' });
  const registers = [registry];
  return {
    registry,
    request: new Histogram({ name: 'centre_http_seconds', help: 'Time to answer a request', labelNames: ['method', 'route', 'status'], buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10], registers }),
    ingested: new Counter({ name: 'centre_ingest_events_total', help: 'Events by kind and outcome', labelNames: ['kind', 'outcome'], registers }),
    screens: new Gauge({ name: 'centre_live_connections', help: 'Open live connections', registers }),
    watches: new Gauge({ name: 'centre_live_watches', help: 'Different watches that are kept', registers }),
    livingAlerts: new Gauge({ name: 'centre_alerts', help: 'Alerts that are not closed', labelNames: ['rule'], registers }),
    cameras: new Gauge({ name: 'centre_cameras', help: 'Cameras by state', labelNames: ['state'], registers }),
    roundSeconds: new Histogram({ name: 'centre_round_seconds', help: 'Duration of the background rounds', labelNames: ['round'], buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 5], registers }),
    nodeRestarts: new Gauge({ name: 'centre_media_node_restarts', help: 'How often the media node of this machine was started again', registers }),
    spoken: new Gauge({ name: 'centre_last_publish_timestamp_seconds', help: 'When the live state was last published', registers }),
  };
}
