create trigger if not exists tr before insert on s.t for each row set new.a = 1;
