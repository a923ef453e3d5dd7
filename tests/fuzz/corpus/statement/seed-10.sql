alter table parent detach partition child concurrently;
