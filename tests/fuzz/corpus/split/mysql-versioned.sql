1/*!40101 SET NAMES utf8 */;
/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET x=';'; END */;
/*M!999999\- enable the sandbox mode */
