create or replace definer = `u`@`%` sql security definer view v as select 1;
