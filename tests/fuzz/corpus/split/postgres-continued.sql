0select E'a' -- x
 '\';' ; select u&"a;" , $a$;$a$ ;;