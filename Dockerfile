FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg util-linux && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node server/launch.mjs build && mkdir /data && chown node /data
USER node
EXPOSE 8080
CMD ["node", "server/launch.mjs", "start"]
